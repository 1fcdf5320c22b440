package arm

import (
	"strings"

	"github.com/google/uuid"
)

const defaultDiskGB = 30

// checkStorage checks the image and the disks, and completes what Azure would.
func (w *write) checkStorage() error {
	storage := w.body.Child("storageProfile")
	image := storage.Object("imageReference")
	if image == nil {
		return badRequest("InvalidParameter", "Required parameter 'storageProfile.imageReference' is missing (null).")
	}
	if image.Text("id") == "" && image.Text("communityGalleryImageId") == "" && image.Text("sharedGalleryImageId") == "" {
		for _, property := range []string{"publisher", "offer", "sku", "version"} {
			if image.Text(property) == "" {
				return badRequest("InvalidParameter", "Required parameter 'storageProfile.imageReference.%s' is missing (null).", property)
			}
		}
		image["exactVersion"] = w.exactVersion(image)
	}
	if err := checkDataDisks(storage); err != nil {
		return err
	}
	disk := storage.Child("osDisk")
	managed := disk.Child("managedDisk")
	if w.old != nil { // the disk is there, and stays as it is where nothing is said
		kept := w.old.Body.Object("storageProfile.osDisk")
		disk.Default(Object{"diskSizeGB": kept["diskSizeGB"]})
		managed.Default(kept.Object("managedDisk"))
	}
	disk.Default(Object{
		"createOption": "FromImage", "caching": "ReadWrite", "deleteOption": "Detach", "diskSizeGB": float64(defaultDiskGB), "osType": "Linux",
		"name": w.diskName(),
	})
	if err := diskNames.check(disk.Text("name")); err != nil {
		return err
	}
	managed.Default(Object{"storageAccountType": "Standard_LRS"})
	managed["id"] = w.id.GroupID() + "/providers/Microsoft.Compute/disks/" + disk.Text("name")
	return nil
}

// exactVersion is what "latest" was when the machine was made. The lab has no catalogue of images to look it up in.
func (w *write) exactVersion(image Object) string {
	if w.old != nil {
		return w.old.Body.Text("storageProfile.imageReference.exactVersion")
	}
	if version := image.Text("version"); !strings.EqualFold(version, "latest") {
		return version
	}
	return "0.0.1"
}

func (w *write) diskName() string {
	if w.old != nil {
		return w.old.Body.Text("storageProfile.osDisk.name")
	}
	return w.id.Name() + "_OsDisk_1_" + strings.ReplaceAll(uuid.NewString(), "-", "")
}

func checkDataDisks(storage Object) error {
	storage.Default(Object{"dataDisks": []any{}})
	used := map[any]bool{}
	for _, disk := range storage.Objects("dataDisks") {
		if used[disk["lun"]] {
			return badRequest("InvalidParameter", "A disk at LUN %d already exists.", disk.Int("lun", 0))
		}
		used[disk["lun"]] = true
	}
	return nil
}
